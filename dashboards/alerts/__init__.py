"""Alerts as people and programs read them: JSON, chat messages, mail."""
