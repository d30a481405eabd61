"""What Prometheus and Grafana are given: rules, boards, and the files by which they find them."""
