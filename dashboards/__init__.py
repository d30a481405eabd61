"""What newscandle shows: reports and, later, the HTTP API and pages. Reads storage, writes only its own bytes."""
