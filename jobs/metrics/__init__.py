"""What ``/metrics`` tells Prometheus: the service as Postgres and Valkey know it, and this web process."""
