"""What may not be published: a list of words that needs nothing, and a model that is asked where there is one."""
