"""The HTTP side: deny by default, problem documents, and a description made from the routes."""
