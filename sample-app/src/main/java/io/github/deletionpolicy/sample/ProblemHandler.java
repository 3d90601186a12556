package io.github.deletionpolicy.sample;

import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestrictedDeletionException;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Answers what went wrong in the API as a problem detail; before the pages' own handler,
 * which knows the API's controllers too.
 */
@RestControllerAdvice(annotations = RestController.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class ProblemHandler extends ResponseEntityExceptionHandler {

	@ExceptionHandler
	ProblemDetail notFound(NotFoundException exception) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, messageOf(exception));
	}

	@ExceptionHandler({ ConflictException.class, RestrictedDeletionException.class })
	ProblemDetail conflict(RuntimeException exception) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, messageOf(exception));
	}

	/**
	 * The only unique key besides the ids is the e-mail address of live users.
	 */
	@ExceptionHandler
	ProblemDetail emailIsTaken(RestoreConflictException exception) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT,
				"Another user has this e-mail address by now, so this one cannot come back.");
	}

	private static String messageOf(RuntimeException exception) {
		String message = exception.getMessage();
		return (message != null) ? message : exception.getClass().getSimpleName();
	}

}
