package io.github.deletionpolicy.sample.web;

import java.net.URI;

import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestrictedDeletionException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.FlashMap;
import org.springframework.web.servlet.support.RequestContextUtils;

/**
 * Goes back to the page and says what was refused, and why.
 */
@ControllerAdvice(annotations = Controller.class)
class PageProblems {

	@ExceptionHandler
	String refused(RestrictedDeletionException exception, HttpServletRequest request, HttpServletResponse response) {
		return back(request, response, "Refused: something live still belongs to it. " + exception.getMessage());
	}

	@ExceptionHandler
	String refused(RestoreConflictException exception, HttpServletRequest request, HttpServletResponse response) {
		return back(request, response, "This cannot come back. " + exception.getMessage());
	}

	private static String back(HttpServletRequest request, HttpServletResponse response, String text) {
		String page = pathOf(request.getHeader(HttpHeaders.REFERER));
		FlashMap flash = RequestContextUtils.getOutputFlashMap(request);
		flash.put("notice", Notice.refused(text));
		RequestContextUtils.saveOutputFlashMap(page, request, response);
		return "redirect:" + page;
	}

	/**
	 * The path only, so that nobody is sent to another host.
	 */
	private static String pathOf(@Nullable String referer) {
		String path = (referer != null) ? URI.create(referer).getPath() : null;
		return (path != null && path.startsWith("/") && !path.startsWith("//")) ? path : "/";
	}

}
