"""The rules of the worker that tests start."""
