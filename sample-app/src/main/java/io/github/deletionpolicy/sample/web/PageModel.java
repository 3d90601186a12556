package io.github.deletionpolicy.sample.web;

import java.time.Instant;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;

/**
 * What the frame around every page shows.
 */
@ControllerAdvice(annotations = Controller.class)
class PageModel {

	private final CurrentActor actor;

	private final JdbcClient jdbc;

	PageModel(CurrentActor actor, JdbcClient jdbc) {
		this.actor = actor;
		this.jdbc = jdbc;
	}

	@ModelAttribute("frame")
	Frame frame(HttpServletRequest request) {
		return new Frame(request.getRequestURI(), this.actor.getCurrentAuditor().orElse(""), Instant.now(), people());
	}

	private List<Person> people() {
		return this.jdbc.sql("SELECT id, name FROM users WHERE deletion_time IS NULL ORDER BY id")
			.query(Person.class)
			.list();
	}

	/**
	 * The frame.
	 *
	 * @param path path of the page
	 * @param actor name of who is acting; empty if nobody was chosen
	 * @param now the server's time, for countdowns in browsers whose clock is off
	 * @param people who may act
	 */
	record Frame(String path, String actor, Instant now, List<Person> people) {

	}

	/**
	 * Somebody to act as.
	 *
	 * @param id the id
	 * @param name the name
	 */
	record Person(long id, String name) {

	}

}
