// A bench that cannot give its figure says why; no figure is better than one of something else.
export class BenchFault extends Error {
  override readonly name = "BenchFault";
}
