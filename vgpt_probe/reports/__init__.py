"""Reports of a run to send to somebody or to feed to a CI system: HTML, Markdown, JUnit and JSON."""
