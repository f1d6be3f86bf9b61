/** A growable list of ids whose memory is reused for the next text. */
export class IdBuffer {
  length = 0;
  private ids = new Uint32Array(1 << 10);

  add(id: number): void {
    if (this.length === this.ids.length) this.grow(this.length + 1);
    this.ids[this.length++] = id;
  }

  /** Adds `ids[start]` to `ids[end - 1]`. */
  addAll(ids: ArrayLike<number>, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.ids.length) this.grow(length);
    for (let i = start, at = this.length; i < end; i++, at++) this.ids[at] = ids[i]!;
    this.length = length;
  }

  toArray(): Uint32Array {
    return this.ids.slice(0, this.length);
  }

  private grow(least: number): void {
    const larger = new Uint32Array(Math.max(least, 2 * this.ids.length));
    larger.set(this.ids);
    this.ids = larger;
  }
}
