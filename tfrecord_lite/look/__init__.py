"""Samples -> pictures and the page: what people look at. It knows neither where samples come from nor COCO."""
