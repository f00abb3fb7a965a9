"""What the demo company's people do with the domain, told through HTTP: one file for each capability."""
