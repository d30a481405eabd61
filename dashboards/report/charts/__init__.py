"""The drawings of a report as inline SVG, coloured by the page's style sheet: one for light, dark and print."""
