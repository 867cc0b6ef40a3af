"""Computes training steps with PyTorch, an independent implementation, for GoldenStepTest.

Run with Debian's python3-torch:  python3 golden_step.py > golden_step.json

A perceptron 7-5-3 with a rectifier, five examples, mean cross-entropy with label smoothing,
weight decay on the weights only; three steps each of: SGD with momentum, plain; Nesterov with
the gradient clipped; with a mask on the first weight that is another in every step
(W_eff = W * m, constant in differentiation); Adam; AdamW with the gradient clipped; AdamW with
the mask. Inputs are small dyadic fractions, which every implementation reads alike.
"""

import json

import torch


def numbers(rows, cols, salt):
    return torch.tensor(
        [[((r * 37 + c * 11 + salt) % 64 - 31.5) / 64 for c in range(cols)] for r in range(rows)]
    )


def mask(step):
    return torch.tensor(
        [[float((r * 5 + c * 3 + step) % 3 != 0) for c in range(7)] for r in range(5)]
    )


def sgd(groups, nesterov):
    return torch.optim.SGD(groups, lr=0.25, momentum=0.875, nesterov=nesterov)


def adam(groups, kind):
    return kind(groups, lr=0.03125, betas=(0.875, 0.96875), eps=0.0078125)


def run(optimiser, clip, masked):
    w1 = numbers(5, 7, 3).requires_grad_()
    b1 = numbers(1, 5, 17)[0].clone().requires_grad_()
    w2 = numbers(3, 5, 29).requires_grad_()
    b2 = numbers(1, 3, 41)[0].clone().requires_grad_()
    x = numbers(5, 7, 7) * 4
    labels = torch.tensor([0, 2, 1, 1, 0])
    optimiser = optimiser(
        [
            {"params": [w1, w2], "weight_decay": 0.0625},
            {"params": [b1, b2], "weight_decay": 0.0},
        ]
    )
    losses = []
    for step in range(3):
        optimiser.zero_grad()
        effective = w1 * mask(step) if masked else w1
        hidden = torch.relu(torch.nn.functional.linear(x, effective, b1))
        logits = torch.nn.functional.linear(hidden, w2, b2)
        loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.125)
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_([w1, b1, w2, b2], clip)
        optimiser.step()
        losses.append(loss.item())
    return {
        "losses": losses,
        "fc1.weight": w1.flatten().tolist(),
        "fc1.bias": b1.tolist(),
        "logits.weight": w2.flatten().tolist(),
        "logits.bias": b2.tolist(),
    }


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "plain": run(lambda groups: sgd(groups, False), None, False),
            "nesterov-clipped": run(lambda groups: sgd(groups, True), 0.25, False),
            "masked": run(lambda groups: sgd(groups, False), None, True),
            "adam": run(lambda groups: adam(groups, torch.optim.Adam), None, False),
            "adamw-clipped": run(lambda groups: adam(groups, torch.optim.AdamW), 0.25, False),
            "adamw-masked": run(lambda groups: adam(groups, torch.optim.AdamW), None, True),
        },
        indent=1,
    )
)
