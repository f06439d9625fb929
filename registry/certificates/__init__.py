"""May this village issue the certificate a person asks for in these words?"""
