"""What assistants may ask: read-only tools over the Model Context Protocol, each a thin door to what others answer."""
