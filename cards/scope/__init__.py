"""Whether this service can speak about this pain at all."""
