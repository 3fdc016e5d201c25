"""What `governor doctor` looks at: the deployment around the flywheels, and the flywheels themselves."""
