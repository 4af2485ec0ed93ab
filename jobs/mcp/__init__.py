"""AdStudio for language models: the Model Context Protocol over the same services and selectors as the REST API."""
