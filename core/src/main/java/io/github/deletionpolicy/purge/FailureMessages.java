package io.github.deletionpolicy.purge;

import java.util.stream.Collectors;

import org.springframework.core.NestedExceptionUtils;

/**
 * Puts into one line what went wrong.
 */
final class FailureMessages {

	private FailureMessages() {
	}

	static String of(Throwable exception) {
		Throwable cause = (exception instanceof PurgeListenerException) ? exception
				: NestedExceptionUtils.getMostSpecificCause(exception);
		String message = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getName();
		return message.lines().collect(Collectors.joining(" "));
	}

}
