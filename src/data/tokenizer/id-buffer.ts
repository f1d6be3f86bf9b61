/** Ids being collected; the memory is used again for the next text. */
export class IdBuffer {
  length = 0;
  private ids = new Uint32Array(1 << 10);

  add(id: number): void {
    if (this.length === this.ids.length) this.grow(this.length + 1);
    this.ids[this.length++] = id;
  }

  addAll(ids: readonly number[]): void {
    if (this.length + ids.length > this.ids.length) this.grow(this.length + ids.length);
    for (let i = 0; i < ids.length; i++) this.ids[this.length + i] = ids[i]!;
    this.length += ids.length;
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
