/**
 * The graph: sealed {@link org.espalier.model.Operator} records and named parameters, plain data
 * that the trainer, the pruner, the compiler and the model file share; and the zoo of known
 * networks. May import {@code kernel} (random numbers, for initialisation) and {@code tensor}.
 */
package org.espalier.model;
