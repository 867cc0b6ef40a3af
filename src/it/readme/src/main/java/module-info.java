/** What the README shows. */
module org.example.readme {
  requires org.espalier;
}
