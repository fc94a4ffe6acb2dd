"""How a message is composed and delivered. Whether it may go out is the gate's decision alone."""
