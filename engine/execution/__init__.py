"""Where work runs: the only place that knows whether it is this machine or a cluster."""
