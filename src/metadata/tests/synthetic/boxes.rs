//! Boxes: MP4, MOV, AVIF.

use crate::metadata::tests::synthetic::*;

pub fn atom(kind: &[u8], content: &[u8]) -> Vec<u8> {
    join(&[&be32(content.len() + 8), kind, content])
}

fn metadata() -> Vec<u8> {
    let names = ["prompt", "other", "workflow"];
    let key = |name: &str| join(&[&be32(name.len() + 8), b"mdta", name.as_bytes()]);
    let keys = join(&[&[0; 4], &be32(names.len()), &names.map(key).concat()]);
    let item =
        |index, text: &str| atom(&be32(index), &atom(b"data", &join(&[&[0, 0, 0, 1, 0, 0, 0, 0], text.as_bytes()])));
    let items = [item(3, WORKFLOW), item(9, "beyond"), item(1, PROMPT), item(2, "{}")].concat();
    [atom(b"hdlr", &[0; 25]), atom(b"keys", &keys), atom(b"ilst", &items)].concat()
}

#[test]
fn metadata_is_found_where_mp4_and_where_quicktime_have_it() {
    let mp4 = atom(b"moov", &atom(b"udta", &atom(b"meta", &join(&[&[0; 4], &metadata()]))));
    assert_both(&join(&[&atom(b"ftyp", b"isom\0\0\0\0"), &mp4]), "MP4");
    let mov = atom(b"moov", &join(&[&atom(b"mvhd", &[0; 100]), &atom(b"meta", &metadata())]));
    assert_both(&join(&[&atom(b"ftyp", b"qt  \0\0\0\0"), &atom(b"wide", b""), &mov]), "MOV");
}

#[test]
fn boxes_of_64_bits_and_of_unknown_length_are_passed_or_entered() {
    let film = join(&[&be32(1), b"mdat", &24u64.to_be_bytes(), b"filmfilm"]);
    let movie = atom(b"meta", &metadata());
    let movie = join(&[&be32(0), b"moov", &movie]);
    assert_both(&join(&[&atom(b"ftyp", b"mp42"), &film, &movie]), "MP4");
}

#[test]
fn avif_with_its_exif_inside_of_meta_is_read() {
    let tiff = exif::tiff(true, &keyed(":"));
    let item = join(&[&be32(6), b"Exif\0\0", &tiff]);
    let info = |id: u8, kind: &[u8]| atom(b"infe", &join(&[&[2, 0, 0, 0, 0, id, 0, 0], kind, b"\0"]));
    let infos = atom(b"iinf", &join(&[&[0, 0, 0, 0, 0, 2], &info(1, b"av01"), &info(7, b"Exif")]));
    // Version 1, offsets and lengths of four bytes, then item 7, inside of `idat`.
    let place = join(&[&[0, 7, 0, 1, 0, 0, 0, 1], &be32(4), &be32(item.len())]);
    let places = atom(b"iloc", &join(&[&[1, 0, 0, 0, 0x44, 0, 0, 1], &place]));
    let data = atom(b"idat", &join(&[b"else", &item]));
    let meta = atom(b"meta", &join(&[&[0; 4], &infos, &places, &data]));
    assert_both(&join(&[&atom(b"ftyp", b"avif"), &meta]), "AVIF");
}

#[test]
fn comments_of_a_mov_and_texts_of_any_name_are_read() {
    let both = format!(r#"{{"workflow": {WORKFLOW}, "prompt": {PROMPT}}}"#);
    let text = |text: &str| join(&[&(text.len() as u16).to_be_bytes(), &[0x55, 0xc4], text.as_bytes()]);
    let comment = atom(b"\xa9cmt", &join(&[&text("of another program"), &text(&both)]));
    let encoder = atom(b"\xa9swr", &text("Lavf"));
    let movie = atom(b"moov", &atom(b"udta", &join(&[&encoder, &comment])));
    assert_both(&join(&[&atom(b"ftyp", b"qt  \0\0\0\0"), &movie]), "MOV");

    let data = atom(b"data", &join(&[&[0, 0, 0, 1, 0, 0, 0, 0], both.as_bytes()]));
    let free_form =
        atom(b"----", &join(&[&atom(b"mean", b"\0\0\0\0com.apple.iTunes"), &atom(b"name", b"\0\0\0\0COMMENT"), &data]));
    let meta = atom(b"meta", &join(&[&[0; 4], &atom(b"hdlr", &[0; 25]), &atom(b"ilst", &free_form)]));
    assert_both(&join(&[&atom(b"ftyp", b"isom\0\0\0\0"), &atom(b"moov", &atom(b"udta", &meta))]), "MP4");

    let name = b"com.apple.quicktime.comment";
    let keys = atom(b"keys", &join(&[&[0; 4], &be32(1), &be32(name.len() + 8), b"mdta", name]));
    let meta = atom(b"meta", &join(&[&atom(b"hdlr", &[0; 25]), &keys, &atom(b"ilst", &atom(&be32(1), &data))]));
    assert_both(&join(&[&atom(b"ftyp", b"qt  \0\0\0\0"), &atom(b"moov", &meta)]), "MOV");
}
