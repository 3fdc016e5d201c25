"""The command `governor`: what people do that is neither dropping a file nor answering a mail."""
