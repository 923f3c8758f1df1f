"""SequenceExample -> Examples, one per frame: the features of the whole video, and those of the frame.

Source: tensorflow/core/example/example.proto. Each list has one Feature per frame; one of no kind is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tfrecord_lite.budgets import FEATURES, FRAMES, VALUES, VIDEOS, check_feature, spend_of_input
from tfrecord_lite.errors import ExampleError, Location, VideoError
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.foreign import why_without_frames
from tfrecord_lite.example.messages import Example as ExampleClass
from tfrecord_lite.example.messages import SequenceExample as SequenceExampleClass
from tfrecord_lite.sample import Finding

FRAME_INDEX = "frame/index"  # a key of ours in the Examples made here: the number of the frame, from 0
_ANNOTATED = "region/is_annotated"
_SMALL = 1 << 19  # bytes; a smaller payload cannot hold more values than a record may
_SOURCE_ID = "image/source_id"


def parse_record(payload: bytes, where: Location) -> Iterable[Example | Finding]:
    """The Example that a record holds, or the annotated frames of its SequenceExample.

    Returns:
        Examples; of a video also a Finding for each frame that is left out.

    Raises:
        ExampleError: the payload is neither; or, while iterating, it is a video without any frame.
        BudgetError: it holds more features, values or frames than one record may.
    """
    try:
        example = Example.parse(payload, where)
    except VideoError:
        return _frames(payload, where)
    if len(payload) > _SMALL:
        example.check_size()
    return (example,)


def _frames(payload: bytes, where: Location) -> Iterator[Example | Finding]:
    """The frames of a video, except those that the writer marks as not annotated: they may show objects."""
    video = SequenceExampleClass()
    video.ParseFromString(payload)  # it parsed when it was recognised
    context, lists = video.context.feature, video.feature_lists.feature_list
    check_feature(where, "feature_lists", len(lists), FEATURES, "features")
    count = max((len(lists[key].feature) for key in lists), default=0)
    if not count:
        raise ExampleError(where, why_without_frames(payload))
    check_feature(where, "feature_lists", count * (len(lists) + len(context)), VALUES, "features in its frames")
    check_feature(where, "context", count * video.context.ByteSize(), FRAMES, "bytes of context in its frames")
    spend_of_input(VIDEOS, count, where)
    for index in range(count):
        message = ExampleClass()
        features = message.features.feature
        for key in context:
            features[key].CopyFrom(context[key])
        for key in lists:
            frames = lists[key].feature
            if index < len(frames):
                features[key].CopyFrom(frames[index])
        features[FRAME_INDEX].int64_list.value.append(index)
        if _SOURCE_ID in features:
            # Some writers store the text as a list of its characters (seq_example_util.py, use_strs_for_source_id).
            characters = features[_SOURCE_ID].bytes_list.value
            if len(characters) > 1 and all(len(each) == 1 for each in characters):
                characters[:] = [b"".join(characters)]
        example = Example(message, where)
        if example.ints(_ANNOTATED) == [0]:
            yield Finding("frame-not-annotated", where, f"frame {index} is marked as not annotated, and left out")
        else:
            yield example
