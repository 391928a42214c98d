"""The whole office on one machine: its own PostgreSQL and Valkey, and every process under one manager."""
