"""The kit that tests a layer from one line: its class, its arguments and an input shape."""
