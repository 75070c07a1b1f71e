//! QR codes of secrets, for a screen of text and as a picture.

use desk_core::basics::secret::Secret;
use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around a code, as the standard asks.
const QUIET: i32 = 4;

/// Pixels of a module's side in pictures.
const SCALE: usize = 6;

fn modules(text: &Secret) -> Option<(i32, impl Fn(i32, i32) -> bool)> {
    let code = QrCode::encode_text(text.show(), QrCodeEcc::Medium).ok()?;
    let size = code.size() + 2 * QUIET;
    Some((size, move |x: i32, y: i32| code.get_module(x - QUIET, y - QUIET)))
}

/// Lines of half blocks: dark modules are left dark, so that it reads on a dark terminal.
pub(crate) fn lines(text: &Secret) -> Vec<String> {
    let Some((size, dark)) = modules(text) else {
        return vec!["The code is too long for a QR code.".to_owned()];
    };
    let half = |x, y| match (dark(x, y), dark(x, y + 1)) {
        (true, true) => ' ',
        (true, false) => '▄',
        (false, true) => '▀',
        (false, false) => '█',
    };
    (0..size).step_by(2).map(|y| (0..size).map(|x| half(x, y)).collect()).collect()
}

/// A PNG picture, black on white; `None` for what is too long for a code.
pub(crate) fn picture(text: &Secret) -> Option<Vec<u8>> {
    let (size, dark) = modules(text)?;
    let mut pixels = Vec::new();
    for y in 0..size {
        let row: Vec<u8> =
            (0..size).flat_map(|x| std::iter::repeat_n(if dark(x, y) { 0 } else { 255 }, SCALE)).collect();
        (0..SCALE).for_each(|_| pixels.extend_from_slice(&row));
    }
    let side = u32::try_from(usize::try_from(size).ok()? * SCALE).ok()?;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(out)
}
