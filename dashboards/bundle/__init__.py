"""The bundle beside a report: all a study read, frozen, so that anyone can make the report again without the store."""
