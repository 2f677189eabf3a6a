// A photo as it is kept on the phone and sent: shrunk and drawn anew here already, so that neither place nor anything else
// that hides in the file leaves the phone. The server does the same again and trusts nothing.

const LONGEST = 2048;

/** The picture as a JPEG of at most LONGEST on a side; as it is, if this browser cannot read it. */
export async function shrunk(picture: Blob): Promise<Blob> {
  const image = await createImageBitmap(picture, { imageOrientation: "from-image" }).catch(() => null);
  if (!image) return picture;
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve) => canvas.toBlob((small) => resolve(small ?? picture), "image/jpeg", 0.85));
}
