"""Sample -> the features of a record, by the schema that reads them: of the keys of a role the first is written."""
