"""From bytes of a feed, page or archive to an article whose passages are labelled."""
