"""What the service is called, for those who need nothing else of it: a child process starts in half the time so."""

SERVICE = "applications"
