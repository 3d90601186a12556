package example;

import io.github.deletionpolicy.DeleteTemplate;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
class App {

	public static void main(String[] args) {
		SpringApplication.run(App.class, args);
	}

	@Bean
	ApplicationRunner deleteUserOne(DeleteTemplate deletes) {
		return (args) -> deletes.from("users").byId(1).execute();
	}

}
