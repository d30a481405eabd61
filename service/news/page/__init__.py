"""Article pages: their text, their claims, and what stands in a story's place."""
