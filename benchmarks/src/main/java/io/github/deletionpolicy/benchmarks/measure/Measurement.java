package io.github.deletionpolicy.benchmarks.measure;

import org.jspecify.annotations.Nullable;

/**
 * One line of the result: a figure of the product, most often beside that of another way
 * to do the same.
 *
 * @param what what was measured
 * @param unit the unit of both figures
 * @param against what the product is compared with; empty if nothing
 * @param reference the figure of that; {@code null} if nothing is compared
 * @param product the figure of the product; for a line about others only, theirs
 * @param aim what is aimed for; {@code null} if the figure is only reported
 * @param note what a reader has to know about this line; may be empty
 * @since 0.1
 */
public record Measurement(String what, String unit, String against, @Nullable Double reference, double product,
		@Nullable Aim aim, String note) {

	/**
	 * What the product is compared with most often.
	 */
	public static final String RAW = "raw SQL";

	/**
	 * Compare the product with raw SQL.
	 * @param what what was measured
	 * @param unit the unit of both figures
	 * @param raw the figure of raw SQL
	 * @param product the figure of the product
	 * @param aim what is aimed for; {@code null} if the figure is only reported
	 * @return the line
	 */
	public static Measurement againstRaw(String what, String unit, double raw, double product, @Nullable Aim aim) {
		return new Measurement(what, unit, RAW, raw, product, aim, "");
	}

	/**
	 * Compare the product with something else.
	 * @param what what was measured
	 * @param unit the unit of both figures
	 * @param against what the product is compared with
	 * @param reference the figure of that
	 * @param product the figure of the product
	 * @param aim what is aimed for; {@code null} if the figure is only reported
	 * @return the line
	 */
	public static Measurement compared(String what, String unit, String against, double reference, double product,
			@Nullable Aim aim) {
		return new Measurement(what, unit, against, reference, product, aim, "");
	}

	/**
	 * Note a figure that is compared with nothing.
	 * @param what what was measured
	 * @param unit the unit of the figure
	 * @param product the figure
	 * @param aim what is aimed for; {@code null} if the figure is only reported
	 * @return the line
	 */
	public static Measurement alone(String what, String unit, double product, @Nullable Aim aim) {
		return new Measurement(what, unit, "", null, product, aim, "");
	}

	/**
	 * Return the same line with a note.
	 * @param text what a reader has to know
	 * @return the line
	 */
	public Measurement withNote(String text) {
		return new Measurement(this.what, this.unit, this.against, this.reference, this.product, this.aim, text);
	}

	/**
	 * Return the product's figure divided by the reference.
	 * @return the ratio; {@code null} if nothing is compared
	 */
	public @Nullable Double ratio() {
		return (this.reference != null) ? Double.valueOf(this.product / this.reference) : null;
	}

	/**
	 * Say how the figure stands to the aim.
	 * @return {@code met}, {@code falls short}, or nothing if there is no aim
	 */
	public String verdict() {
		if (this.aim == null) {
			return "";
		}
		return this.aim.isMetBy(this.product, ratio()) ? "met" : "falls short";
	}

}
