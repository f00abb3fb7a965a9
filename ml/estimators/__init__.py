"""What a policy is worth, estimated from decisions that another policy made, and what mailing does at all."""
