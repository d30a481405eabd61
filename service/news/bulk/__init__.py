"""Archives, dumps and crawls: records of many forms, read in a stream."""
