package io.github.deletionpolicy.sample.web;

import java.util.Optional;

import jakarta.servlet.http.Cookie;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.AuditorAware;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.util.WebUtils;

/**
 * Who is acting. A visitor picks a user, since the sample has no login; an application of
 * yours would ask Spring Security here.
 *
 * @since 0.1
 */
@Component
public class CurrentActor implements AuditorAware<String> {

	static final String COOKIE = "actor";

	private final JdbcClient jdbc;

	CurrentActor(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public Optional<String> getCurrentAuditor() {
		String id = chosen();
		return (id != null)
				? this.jdbc.sql("SELECT name FROM users WHERE id::text = ?").param(id).query(String.class).optional()
				: Optional.empty();
	}

	private static @Nullable String chosen() {
		if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
			Cookie cookie = WebUtils.getCookie(attributes.getRequest(), COOKIE);
			return (cookie != null) ? cookie.getValue() : null;
		}
		return null;
	}

}
