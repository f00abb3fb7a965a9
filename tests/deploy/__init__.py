"""What is shipped around the code: containers and the load balancer."""
