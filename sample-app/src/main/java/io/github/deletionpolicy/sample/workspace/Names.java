package io.github.deletionpolicy.sample.workspace;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Names as visitors type them.
 */
final class Names {

	private static final int LONGEST = 200;

	private Names() {
	}

	static String checked(String name) {
		String stripped = name.strip();
		if (stripped.isEmpty() || stripped.length() > LONGEST) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST,
					"A name has 1 to %d characters.".formatted(LONGEST));
		}
		return stripped;
	}

}
