"""Makes the files of this folder with the writers that ComfyUI itself uses: Pillow, PyAV (FFmpeg) and, for the ID3
tags of other programs, mutagen. Each carries the same small workflow and prompt, in the places where ComfyUI's savers
put them.

    pip install "pillow>=11.3" av mutagen && python tests/metadata/make.py
"""

import json
import pathlib

import av
import mutagen.id3
import numpy
from PIL import Image
from PIL.PngImagePlugin import PngInfo

HERE = pathlib.Path(__file__).parent
WORKFLOW = json.dumps({"nodes": [{"id": 1, "type": "Note", "title": "caf\u00e9 \u56fe"}], "links": [], "version": 0.4})
PROMPT = json.dumps({"1": {"class_type": "Note", "inputs": {"text": "caf\u00e9 \u56fe", "nan": float("nan")}}})
BOTH = {"prompt": PROMPT, "workflow": WORKFLOW}


def picture():
    return Image.new("RGB", (2, 2), (40, 80, 120))


def png():
    info = PngInfo()
    for key, text in BOTH.items():
        info.add_text(key, text)
    picture().save(HERE / "save_image.png", pnginfo=info)

    # What the savers of animated PNG do: a chunk of their own behind the pictures.
    info = PngInfo()
    for key, text in BOTH.items():
        info.add(b"comf", key.encode("latin-1") + b"\0" + text.encode("latin-1"), after_idat=True)
    picture().save(HERE / "animated.png", pnginfo=info, save_all=True, append_images=[picture()])

    info = PngInfo()
    info.add_text("prompt", PROMPT, zip=True)
    info.add_itxt("workflow", WORKFLOW, zip=True)
    picture().save(HERE / "compressed.png", pnginfo=info)

    # Pillow turns what Latin-1 does not have into iTXt.
    info = PngInfo()
    info.add_text("workflow", json.dumps(json.loads(WORKFLOW), ensure_ascii=False))
    picture().save(HERE / "unicode.png", pnginfo=info)


def exif(image):
    metadata = image.getexif()
    metadata[0x0110] = "prompt:" + PROMPT
    metadata[0x010F] = "workflow:" + WORKFLOW
    return metadata


def pictures_with_exif():
    image = picture()
    image.save(HERE / "animated.webp", exif=exif(image), save_all=True, append_images=[image.rotate(90)])
    image.save(HERE / "picture.jpg", exif=exif(image), quality=10)
    image.save(HERE / "picture.avif", exif=exif(image), quality=10)

    # Nothing but the comment, which Pillow writes as BYTE.
    comment = Image.Exif()
    comment.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + json.dumps(BOTH).encode("utf-16-be")
    image.save(HERE / "user_comment.jpg", exif=comment, quality=10)


def film(name, codec, metadata, **options):
    # Without chance: the same files every time.
    with av.open(str(HERE / name), mode="w", options={"fflags": "+bitexact", **options}) as output:
        output.metadata.update(metadata)
        stream = output.add_stream(codec, rate=8)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        frame = av.VideoFrame.from_ndarray(numpy.zeros((16, 16, 3), numpy.uint8), format="rgb24")
        output.mux(stream.encode(frame))
        output.mux(stream.encode())


def sound(name, codec, **options):
    # Without chance: the same files every time.
    with av.open(str(HERE / name), mode="w", options={"fflags": "+bitexact", **options}) as output:
        output.metadata.update(BOTH)
        stream = output.add_stream(codec, rate=48000, layout="mono")
        stream.bit_rate = 32000
        kinds = {"flac": ("s16", numpy.int16), "libmp3lame": ("fltp", numpy.float32), "libopus": ("flt", numpy.float32)}
        sample, number = kinds[codec]
        frame = av.AudioFrame.from_ndarray(numpy.zeros((1, 960), number), format=sample, layout="mono")
        frame.sample_rate = 48000
        output.mux(stream.encode(frame))
        output.mux(stream.encode())


def other_tags():
    """ID3v2.3 in UTF-16, as programs for Windows write it, over a file without sound."""
    tags = mutagen.id3.ID3()
    for key, text in BOTH.items():
        tags.add(mutagen.id3.TXXX(encoding=1, desc=key, text=[text]))
    tags.save(HERE / "utf16.mp3", v2_version=3, padding=lambda _: 16)


png()
pictures_with_exif()
film("save_video.mp4", "mpeg4", BOTH, movflags="use_metadata_tags")
film("save_video.mov", "mpeg4", BOTH, movflags="use_metadata_tags")
film("save_webm.webm", "libvpx-vp9", BOTH)
film("save_video.mkv", "mpeg4", BOTH)
# VideoHelperSuite: one comment with both, the prompt as text in it.
film("comment.mp4", "mpeg4", {"comment": json.dumps({"prompt": PROMPT, "workflow": json.loads(WORKFLOW)})})
film("comment.webm", "libvpx-vp9", {"comment": json.dumps({"prompt": PROMPT, "workflow": json.loads(WORKFLOW)})})
sound("save_audio.flac", "flac", metadata_header_padding="0")
sound("save_audio.mp3", "libmp3lame")
sound("save_audio.opus", "libopus")
other_tags()

for path in sorted(HERE.iterdir()):
    if path.suffix != ".py":
        size = path.stat().st_size
        assert size < 2048, f"{path.name} has {size} bytes; small files are enough"
        print(f"{size:5} {path.name}")
