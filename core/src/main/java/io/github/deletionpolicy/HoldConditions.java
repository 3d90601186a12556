package io.github.deletionpolicy;

import org.jspecify.annotations.Nullable;

/**
 * What a hold condition may be, as far as that can be said without a database: one
 * condition that stays inside of the parentheses it is put into. The driver would send
 * what follows a semicolon as a statement of its own.
 */
final class HoldConditions {

	private final String text;

	private int position;

	private HoldConditions(String text) {
		this.text = text;
	}

	/**
	 * Say what is wrong with a condition.
	 * @param condition the condition
	 * @return the end of a sentence about it; {@code null} if it is fine
	 */
	static @Nullable String complaint(String condition) {
		return new HoldConditions(condition).complaint();
	}

	private @Nullable String complaint() {
		int depth = 0;
		while (this.position < this.text.length()) {
			char character = this.text.charAt(this.position);
			if (character == ';') {
				return "has a semicolon";
			}
			if (character == 0) {
				return "has a zero character";
			}
			if (startsWith("--") || startsWith("/*")) {
				return "has a comment";
			}
			boolean closed = switch (character) {
				case '\'' -> skipQuoted(character, isEscaping());
				case '"' -> skipQuoted(character, false);
				case '$' -> skipDollarQuoted();
				default -> true;
			};
			if (!closed) {
				return "has a quote that is not closed";
			}
			depth += (character == '(') ? 1 : (character == ')') ? -1 : 0;
			if (depth < 0) {
				return "closes a parenthesis that it has not opened";
			}
			this.position++;
		}
		return (depth > 0) ? "has a parenthesis that is not closed" : null;
	}

	private boolean startsWith(String sign) {
		return this.text.startsWith(sign, this.position);
	}

	/**
	 * As in {@code E'it\'s'}.
	 */
	private boolean isEscaping() {
		return this.position > 0
				&& (this.text.charAt(this.position - 1) == 'E' || this.text.charAt(this.position - 1) == 'e')
				&& (this.position == 1 || !isPart(this.text.charAt(this.position - 2)));
	}

	/**
	 * A quote that is doubled closes one text and begins the next.
	 */
	private boolean skipQuoted(char quote, boolean escaping) {
		for (this.position++; this.position < this.text.length(); this.position++) {
			char character = this.text.charAt(this.position);
			if (escaping && character == '\\') {
				this.position++;
			}
			else if (character == quote) {
				if (!startsWith(String.valueOf(quote).repeat(2))) {
					return true;
				}
				this.position++;
			}
		}
		return false;
	}

	private boolean skipDollarQuoted() {
		if (this.position > 0 && isPart(this.text.charAt(this.position - 1))) {
			return true;
		}
		int end = this.position + 1;
		while (end < this.text.length() && isPart(this.text.charAt(end)) && this.text.charAt(end) != '$') {
			end++;
		}
		if (end == this.text.length() || this.text.charAt(end) != '$') {
			return true;
		}
		String tag = this.text.substring(this.position, end + 1);
		int close = this.text.indexOf(tag, end + 1);
		this.position = close + tag.length() - 1;
		return close >= 0;
	}

	private static boolean isPart(char character) {
		return Character.isLetterOrDigit(character) || character == '_' || character == '$' || character > 0x7f;
	}

}
