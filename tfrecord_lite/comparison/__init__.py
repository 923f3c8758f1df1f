"""What differs between two datasets: samples described alike, images and objects paired, differences counted."""
