"""The worker: five stages that meet in the store."""
